import { useQuery } from '@tanstack/react-query'
import { Composer } from '../activities/write/composer.tsx'
import { queryKeys } from '../api/query-keys.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { ActionList } from './action-list.tsx'
import { ErrorBoundary } from './error-boundary.tsx'

/** The dialogs that the navigation opens above the page. */
export type Panel = 'composer' | 'signals' | 'actions'

type Props = { panel: Panel | null; close: () => void; breakPage: () => void }

export const Panels = ({ panel, close, breakPage }: Props) => (
  <>
    <Dialog title="New crud" isOpen={panel === 'composer'} onClose={close}>
      <Composer isFocused onDone={close} />
    </Dialog>
    <Dialog title="Your last actions" isOpen={panel === 'actions'} onClose={close}>
      <ActionList />
    </Dialog>
    <Dialog title="Signals" isOpen={panel === 'signals'} onClose={close}>
      <Signals
        breakPage={() => {
          close()
          breakPage()
        }}
      />
    </Dialog>
  </>
)

/** Loads its code when it is opened, because few visitors open it. */
const Signals = ({ breakPage }: Pick<Props, 'breakPage'>) => {
  const code = useQuery({
    queryKey: queryKeys.signalsPanel,
    queryFn: () => import('./signals-panel.tsx'),
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    meta: { isSameForAll: true },
  })
  if (code.isPending) return <p className="hint">Loading…</p>
  if (code.isError) {
    return (
      <Trouble title="The signals did not load" retry={() => void code.refetch()} isTrying={code.isFetching}>
        Check your connection, then try again.
      </Trouble>
    )
  }
  return (
    <ErrorBoundary>
      <code.data.SignalsPanel breakPage={breakPage} />
    </ErrorBoundary>
  )
}
