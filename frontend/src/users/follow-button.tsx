import type { useFollow } from './use-follow.ts'

type Props = {
  name: string
  follow: ReturnType<typeof useFollow>
  isSmall?: boolean
}

export const FollowButton = ({ name, follow: { isOn, toggle }, isSmall = false }: Props) => (
  <button
    type="button"
    className={`button follow ${isSmall ? 'button-small' : ''} ${isOn ? 'button-quiet' : ''}`}
    data-trace={isOn ? 'unfollow' : 'follow'}
    aria-pressed={isOn}
    title={isOn ? `Unfollow ${name}` : undefined}
    onClick={toggle}
  >
    {isOn ? 'Following' : 'Follow'}
    <span className="visually-hidden"> {name}</span>
  </button>
)
