import type { ReactNode } from 'react'
import { useAccount } from '../session/account-provider.tsx'
import { EraseAccount } from '../session/erase-account.tsx'
import { PasswordForm } from '../session/password-form.tsx'
import { ExportAccount } from '../users/export-account.tsx'
import { PageHeading } from './page-heading.tsx'
import { SignedInOnly } from './signed-in-only.tsx'
import { usePage } from './use-page.ts'

export const SettingsPage = () => {
  usePage({ title: 'Settings', route: '/account' })
  return (
    <>
      <PageHeading title="Settings" hasBack>
        Your account
      </PageHeading>
      <SignedInOnly title="You are not signed in" invitation="Sign in to change your password or take your data along.">
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
        <Section title="Password" lead="Changing it signs you out everywhere else.">
          <PasswordForm handle={user.handle} />
        </Section>
      )}
      <Section
        title="Your data"
        lead="Your profile, cruds, messages, likes, reposts, follows and sessions; the newest 10,000 of each."
      >
        <ExportAccount />
      </Section>
      {isDemo ? (
        <p className="hint">People of the demonstration have no password, and cannot be erased.</p>
      ) : (
        <Section title="Erase your account" lead="Everything that you wrote goes with it.">
          <EraseAccount />
        </Section>
      )}
      <p className="hint">
        <a href="/licenses.txt" data-trace="open link">
          Licences of what this page is made of
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
