import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Link as TanStackLink,
  Outlet as TanStackOutlet,
  RouterProvider as TanStackProvider,
} from '@tanstack/react-router'
import { createMemoryRouter, Link, Outlet, RouterProvider, useFetcher } from 'react-router'
import { pause, work } from '../work.ts'
import { Button } from './button.tsx'

const G3 = () => {
  const fetcher = useFetcher()
  return <Button id="g3" onClick={() => fetcher.submit({}, { method: 'post', action: '/act' })} />
}

const Here = () => (
  <>
    <Link id="g1" data-trace="g1" to="/loaded">
      g1
    </Link>
    <G3 />
    <Outlet />
  </>
)

const reactRouter = createMemoryRouter([
  {
    path: '/',
    Component: Here,
    children: [
      {
        path: 'loaded',
        loader: async ({ request }) => {
          await pause(5)
          return request.method === 'GET' ? work('g1') : null
        },
        shouldRevalidate: ({ formMethod }) => !formMethod,
        Component: () => <span>loaded</span>,
      },
      {
        path: 'act',
        action: async () => {
          await pause(5)
          return work('g3')
        },
      },
    ],
  },
])

const rootRoute = createRootRoute({
  component: () => (
    <>
      <TanStackLink id="g2" data-trace="g2" to="/tan" search={{ at: Date.now() } as never}>
        g2
      </TanStackLink>
      <TanStackOutlet />
    </>
  ),
})
const tanRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/tan',
  loaderDeps: ({ search }) => search,
  staleTime: 0,
  loader: async () => {
    await pause(5)
    return work('g2')
  },
  component: () => <span>tan</span>,
})
const homeRoute = createRoute({ getParentRoute: () => rootRoute, path: '/', component: () => <span>home</span> })
const tanStackRouter = createRouter({
  routeTree: rootRoute.addChildren([homeRoute, tanRoute]),
  history: createMemoryHistory({ initialEntries: ['/'] }),
})

export const routers = (
  <>
    <RouterProvider router={reactRouter} />
    <TanStackProvider router={tanStackRouter as never} />
  </>
)
