type Props = {
  count: number
  /** For screen readers: "unread". */
  label: string
}

const most = 99

export const Badge = ({ count, label }: Props) =>
  count > 0 ? (
    <span className="badge">
      {count > most ? `${most}+` : count}
      <span className="visually-hidden"> {label}</span>
    </span>
  ) : null
