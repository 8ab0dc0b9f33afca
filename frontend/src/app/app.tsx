import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ComponentType, createElement, useState } from 'react'
import { BrowserRouter, Route, Routes } from 'react-router'
import { crudDelivery, replyDelivery } from '../activities/write/activity-delivery.ts'
import { serverNow } from '../api/server-clock.ts'
import { messageDelivery } from '../messages/message-delivery.ts'
import { AccountProvider } from '../session/account-provider.tsx'
import { RollbarProvider } from '../telemetry/index.ts'
import { Clock, ClockContext } from '../ui/clock.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { OutboxProvider } from '../writing/outbox-provider.tsx'
import { ActionsProvider } from './actions.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { Layout } from './layout.tsx'
import { LiveUpdates } from './live-updates.tsx'
import { LoadedCode } from './loaded-code.tsx'
import { HomePage, NotFoundPage } from './pages.tsx'
import { useKeptFocus } from './use-kept-focus.ts'

const deliveries = { crud: crudDelivery, reply: replyDelivery, message: messageDelivery }

export const App = ({ queries }: { queries: QueryClient }) => {
  const [clock] = useState(() => new Clock(serverNow))
  return (
    <RollbarProvider>
      <ErrorBoundary>
        <QueryClientProvider client={queries}>
          <ClockContext value={clock}>
            <ActionsProvider>
              {/* A transition would run the new page's requests under the previous page's route. */}
              <BrowserRouter useTransitions={false}>
                <AccountProvider>
                  <LiveUpdates />
                  <OutboxProvider deliveries={deliveries}>
                    <Pages />
                  </OutboxProvider>
                </AccountProvider>
              </BrowserRouter>
            </ActionsProvider>
          </ClockContext>
        </QueryClientProvider>
      </ErrorBoundary>
    </RollbarProvider>
  )
}

// A visitor loads the code of the other pages by opening one of them.
const files = {
  messages: { file: 'message-pages.js', load: () => import('./message-pages.tsx') },
  reading: { file: 'reading-pages.js', load: () => import('./reading-pages.tsx') },
  sessions: { file: 'sessions-page.js', load: () => import('./sessions-page.tsx') },
  settings: { file: 'settings-page.js', load: () => import('./settings-page.tsx') },
  signIn: { file: 'sign-in-pages.js', load: () => import('./sign-in-pages.tsx') },
}

type Loaded<Code> = { code: { file: string; load: () => Promise<Code> }; page: (code: Code) => ComponentType }

const Loaded = <Code,>({ code, page }: Loaded<Code>) => (
  <LoadedCode
    {...code}
    what="This page"
    isWholePage
    loading={<Skeleton shape="card" count={4} label="Loading the page" />}
  >
    {(loaded) => createElement(page(loaded))}
  </LoadedCode>
)

const Pages = () => {
  useKeptFocus()
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route path="/" element={<HomePage feed="everyone" />} />
        <Route path="/following" element={<HomePage feed="following" />} />
        <Route path="/search" element={<Loaded code={files.reading} page={(code) => code.SearchPage} />} />
        <Route
          path="/notifications"
          element={<Loaded code={files.reading} page={(code) => code.NotificationsPage} />}
        />
        <Route path="/messages" element={<Loaded code={files.messages} page={(code) => code.MessagesPage} />} />
        <Route
          path="/messages/new/:handle"
          element={<Loaded code={files.messages} page={(code) => code.NewThreadPage} />}
        />
        <Route path="/messages/:uuid" element={<Loaded code={files.messages} page={(code) => code.ThreadPage} />} />
        <Route path="/signin" element={<Loaded code={files.signIn} page={(code) => code.SignInPage} />} />
        <Route path="/signup" element={<Loaded code={files.signIn} page={(code) => code.SignUpPage} />} />
        <Route path="/sessions" element={<Loaded code={files.sessions} page={(code) => code.SessionsPage} />} />
        <Route path="/account" element={<Loaded code={files.settings} page={(code) => code.SettingsPage} />} />
        <Route path="/:handle" element={<Loaded code={files.reading} page={(code) => code.ProfilePage} />} />
        <Route
          path="/:handle/status/:uuid"
          element={<Loaded code={files.reading} page={(code) => code.ActivityPage} />}
        />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  )
}
