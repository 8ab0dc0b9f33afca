export const Logo = () => (
  <svg className="logo" viewBox="0 0 32 32" width={32} height={32} aria-hidden="true">
    <path d="M23.8 8.2a11 11 0 1 0 0 15.6" />
    <circle cx="24.2" cy="16" r="3" />
  </svg>
)
