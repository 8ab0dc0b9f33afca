import { QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { BrowserRouter, Route, Routes } from 'react-router'
import { crudDelivery, replyDelivery } from '../activities/write/activity-delivery.ts'
import { createQueryClient } from '../api/query-client.ts'
import { serverNow } from '../api/server-clock.ts'
import { messageDelivery } from '../messages/message-delivery.ts'
import { AccountProvider } from '../session/account-provider.tsx'
import { RollbarProvider } from '../telemetry/index.ts'
import { Clock, ClockContext } from '../ui/clock.ts'
import { OutboxProvider } from '../writing/outbox-provider.tsx'
import { ActionsProvider } from './actions.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { Layout } from './layout.tsx'
import { LiveUpdates } from './live-updates.tsx'
import {
  ActivityPage,
  HomePage,
  MessagesPage,
  NewThreadPage,
  NotFoundPage,
  NotificationsPage,
  ProfilePage,
  SearchPage,
  SessionsPage,
  ThreadPage,
} from './pages.tsx'
import { SettingsPage } from './settings-page.tsx'
import { SignInPage, SignUpPage } from './sign-in-pages.tsx'
import { useKeptFocus } from './use-kept-focus.ts'

const deliveries = { crud: crudDelivery, reply: replyDelivery, message: messageDelivery }

export const App = () => {
  const [queries] = useState(createQueryClient)
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

const Pages = () => {
  useKeptFocus()
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route path="/" element={<HomePage feed="everyone" />} />
        <Route path="/following" element={<HomePage feed="following" />} />
        <Route path="/search" element={<SearchPage />} />
        <Route path="/notifications" element={<NotificationsPage />} />
        <Route path="/messages" element={<MessagesPage />} />
        <Route path="/messages/new/:handle" element={<NewThreadPage />} />
        <Route path="/messages/:uuid" element={<ThreadPage />} />
        <Route path="/signin" element={<SignInPage />} />
        <Route path="/signup" element={<SignUpPage />} />
        <Route path="/sessions" element={<SessionsPage />} />
        <Route path="/account" element={<SettingsPage />} />
        <Route path="/:handle" element={<ProfilePage />} />
        <Route path="/:handle/status/:uuid" element={<ActivityPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  )
}
