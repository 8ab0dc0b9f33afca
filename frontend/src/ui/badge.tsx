type Props = {
  count: number
  /** What it counts, for whoever hears it: "unread messages". */
  label: string
}

const most = 99

/** Lies on its neighbour: whether it is there moves nothing. */
export const Badge = ({ count, label }: Props) =>
  count > 0 ? (
    <span className="badge">
      {count > most ? `${most}+` : count}
      <span className="visually-hidden"> {label}</span>
    </span>
  ) : null
