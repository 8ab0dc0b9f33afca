export const Logo = ({ size = 32 }: { size?: number }) => (
  <svg className="logo" viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
    <path d="M23.8 8.2a11 11 0 1 0 0 15.6" />
    <circle cx="24.2" cy="16" r="3" />
  </svg>
)
