import type { PageAct } from '@cruddur/shared/telemetry'
import { Link, useLocation } from 'react-router'
import { useAccount } from '../session/account-provider.tsx'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icons.tsx'
import { Menu, MenuItem } from '../ui/menu.tsx'
import type { Panel } from './panels.tsx'
import { accountPath, isAccountPage } from './paths.ts'
import { useTheme } from './use-theme.ts'

type Props = { open: (panel: Panel) => void }

/** On a phone the menu also holds the items for which the navigation has no room. */
export const AccountMenu = ({ open }: Props) => {
  const location = useLocation()
  const { user, isKnown, people, openSignIn, signOut } = useAccount()
  const signIn = accountPath('/signin', location)
  const signUp = accountPath('/signup', location)
  return (
    <div className="account" data-known={isKnown || undefined} data-somebody={user ? true : undefined}>
      {isKnown && !user && !isAccountPage(location.pathname) && (
        <div className="join">
          <Link to={signIn} className="button" data-trace="go to sign in">
            Sign in
          </Link>
          <Link to={signUp} className="button button-quiet not-phone" data-trace="go to sign up">
            Sign up
          </Link>
          {people.length > 0 && (
            <button
              type="button"
              className="button button-quiet not-phone"
              data-trace="choose"
              aria-haspopup="dialog"
              onClick={openSignIn}
            >
              Try it as…
            </button>
          )}
        </div>
      )}
      <Menu
        label={user ? 'Your account' : 'Account'}
        trace="account"
        triggerClass="line account-button"
        trigger={
          user ? (
            <>
              <Avatar handle={user.handle} size={40} />
              <span className="person-name">
                <strong>{user.display_name}</strong>
                <span className="handle">@{user.handle}</span>
              </span>
              <Icon name="more" />
            </>
          ) : (
            <span className="account-nobody">
              <Icon name="person" size={24} />
            </span>
          )
        }
      >
        {user ? (
          <>
            <MenuLink to={`/@${user.handle}`} icon="person" trace="profile" words="Profile" />
            <MenuLink to="/sessions" icon="device" trace="sessions" words="Sessions" />
            <MenuLink to="/account" icon="pen" trace="settings" words="Settings" />
          </>
        ) : (
          <>
            <MenuLink to={signIn} icon="person" trace="go to sign in" words="Sign in" />
            <MenuLink to={signUp} icon="pen" trace="go to sign up" words="Sign up" />
          </>
        )}
        {people.length > 0 && (
          <MenuItem icon="swap" trace="choose" onClick={openSignIn}>
            {user ? 'Act as somebody else' : 'Try it as…'}
          </MenuItem>
        )}
        <PhoneItems open={open} />
        {user && (
          <>
            <hr className="menu-rule" />
            <MenuItem icon="logout" trace="sign out" onClick={signOut}>
              Sign out
            </MenuItem>
          </>
        )}
      </Menu>
    </div>
  )
}

const PhoneItems = ({ open }: Props) => {
  const { other, change } = useTheme()
  return (
    <div className="phone-only" role="none">
      <hr className="menu-rule" />
      <MenuItem icon="trace" trace="actions" onClick={() => open('actions')}>
        Your last actions
      </MenuItem>
      <MenuItem icon="signals" trace="signals" onClick={() => open('signals')}>
        Signals
      </MenuItem>
      <MenuItem icon={other === 'light' ? 'sun' : 'moon'} trace="theme" onClick={change}>
        {other === 'light' ? 'Light theme' : 'Dark theme'}
      </MenuItem>
    </div>
  )
}

type MenuLinkProps = { to: string; icon: 'person' | 'device' | 'pen'; trace: PageAct; words: string }

const MenuLink = ({ to, icon, trace, words }: MenuLinkProps) => (
  <Link to={to} className="menu-item" role="menuitem" tabIndex={-1} data-trace={trace}>
    <Icon name={icon} />
    <span>{words}</span>
  </Link>
)
