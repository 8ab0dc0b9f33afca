import { QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { BrowserRouter, Route, Routes } from 'react-router'
import { createQueryClient } from '../api/query-client.ts'
import { serverNow } from '../api/server-clock.ts'
import { ActorProvider } from '../session/actor.tsx'
import { RollbarProvider, rollbar } from '../telemetry/index.ts'
import { Clock, ClockContext } from '../ui/clock.ts'
import { ActionsProvider } from './actions.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { HomePage } from './home-page.tsx'
import { Layout } from './layout.tsx'
import { NotFoundPage } from './not-found-page.tsx'

export const App = () => {
  const [queries] = useState(createQueryClient)
  const [clock] = useState(() => new Clock(serverNow))
  return (
    <RollbarProvider instance={rollbar}>
      <ErrorBoundary>
        <QueryClientProvider client={queries}>
          <ClockContext value={clock}>
            <ActionsProvider>
              <ActorProvider>
                <BrowserRouter>
                  <Routes>
                    <Route element={<Layout />}>
                      <Route path="/" element={<HomePage />} />
                      <Route path="*" element={<NotFoundPage />} />
                    </Route>
                  </Routes>
                </BrowserRouter>
              </ActorProvider>
            </ActionsProvider>
          </ClockContext>
        </QueryClientProvider>
      </ErrorBoundary>
    </RollbarProvider>
  )
}
