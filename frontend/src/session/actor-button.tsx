import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icons.tsx'
import { useActor } from './actor.tsx'

/** The card in one button, for where there is no room. */
export const ActorButton = () => {
  const { user, choose } = useActor()
  return (
    <button type="button" className="bar-item" data-trace="choose" aria-haspopup="dialog" onClick={choose}>
      {user ? <Avatar handle={user.handle} size={24} /> : <Icon name="person" size={24} />}
      <span className="bar-label">
        <span className="visually-hidden">Act as</span>
        {user ? <span className="truncate"> {user.display_name}</span> : <span aria-hidden="true">Act as</span>}
      </span>
    </button>
  )
}
