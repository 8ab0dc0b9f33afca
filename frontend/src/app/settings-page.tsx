import type { ReactNode } from 'react'
import { useAccount } from '../session/account-provider.tsx'
import { EraseAccount } from '../session/erase-account.tsx'
import { PasswordForm } from '../session/password-form.tsx'
import { ExportAccount } from '../users/export-account.tsx'
import { PageHeading, usePage } from './page.tsx'
import { SignedInOnly } from './signed-in-only.tsx'

export const SettingsPage = () => {
  usePage({ title: 'Settings', route: '/account' })
  return (
    <>
      <PageHeading title="Settings" hasBack>
        Your account
      </PageHeading>
      <SignedInOnly
        title="You are not signed in"
        invitation="Sign in to change your password or to download your data."
      >
        <Settings />
      </SignedInOnly>
    </>
  )
}

const Settings = () => {
  const { user, people } = useAccount()
  const isDemo = people.some(({ uuid }) => uuid === user?.uuid)
  return (
    <>
      {user && !isDemo && (
        <Section title="Password" lead="A new password signs you out everywhere else.">
          <PasswordForm handle={user.handle} />
        </Section>
      )}
      <Section
        title="Your data"
        lead="Your profile, cruds, messages, likes, reposts, follows and sessions: the newest 10,000 of each."
      >
        <ExportAccount />
      </Section>
      {isDemo ? (
        <p className="hint">Demo accounts have no password and cannot be erased.</p>
      ) : (
        <Section title="Erase your account" lead="This erases everything you wrote, too.">
          <EraseAccount />
        </Section>
      )}
      <p className="hint">
        <a href="/licenses.txt" data-trace="open link">
          Open-source licences
        </a>
      </p>
    </>
  )
}

const Section = ({ title, lead, children }: { title: string; lead: string; children: ReactNode }) => (
  <section className="card account-page settings">
    <h2>{title}</h2>
    <p className="hint">{lead}</p>
    {children}
  </section>
)
