import { useQuery } from '@tanstack/react-query'
import { queryKeys } from '../api/query-keys.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { ErrorBoundary } from './error-boundary.tsx'

type Props = { isOpen: boolean; close: () => void; breakPage: () => void }

export const SignalsDialog = ({ isOpen, close, breakPage }: Props) => {
  // Few ever open it: its code comes when they do.
  const code = useQuery({
    queryKey: queryKeys.signalsPanel,
    queryFn: () => import('./signals-panel.tsx'),
    structuralSharing: false,
    enabled: isOpen,
    staleTime: Number.POSITIVE_INFINITY,
    meta: { isSameForAll: true },
  })
  return (
    <Dialog title="Signals" isOpen={isOpen} onClose={close}>
      {code.data && (
        <ErrorBoundary>
          <code.data.SignalsPanel
            breakPage={() => {
              close()
              breakPage()
            }}
          />
        </ErrorBoundary>
      )}
      {code.isPending && <p className="hint">Looking…</p>}
      {code.isError && (
        <Trouble title="This did not come" retry={() => void code.refetch()} isTrying={code.isFetching}>
          The part of the page that shows the signals could not be loaded.
        </Trouble>
      )}
    </Dialog>
  )
}
