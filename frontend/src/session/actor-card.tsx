import { Avatar } from '../ui/avatar.tsx'
import { useActor } from './actor.tsx'

export const ActorCard = () => {
  const { user, isKnown, choose } = useActor()
  return (
    <section className="card actor-card" aria-labelledby="actor-card-title">
      <h2 id="actor-card-title">{user || !isKnown ? 'You act as' : 'You act as nobody yet'}</h2>
      {user ? (
        <p className="actor">
          <Avatar handle={user.handle} />
          <span className="person-name">
            <strong>{user.display_name}</strong>
            <span className="handle">@{user.handle}</span>
          </span>
        </p>
      ) : (
        <p className="actor hint">{isKnown ? 'Choose somebody, and you can like cruds.' : ' '}</p>
      )}
      <button
        type="button"
        className={user || !isKnown ? 'button button-quiet' : 'button'}
        data-trace="choose"
        aria-haspopup="dialog"
        onClick={choose}
      >
        {user ? 'Act as somebody else' : 'Choose who acts'}
      </button>
    </section>
  )
}
