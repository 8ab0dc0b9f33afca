import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { ErrorBoundary } from './error-boundary.tsx'

export const SignalsButton = ({ breakPage }: { breakPage: () => void }) => {
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  // Few ever open it: its code comes when they do.
  const code = useQuery({
    queryKey: ['code', 'signals-panel'],
    queryFn: () => import('./signals-panel.tsx'),
    structuralSharing: false,
    enabled: isOpen,
    staleTime: Number.POSITIVE_INFINITY,
    meta: { isSameForAll: true },
  })
  return (
    <>
      <button
        type="button"
        className="bar-item"
        data-trace="signals"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Icon name="signals" size={24} />
        <span className="bar-label">Signals</span>
      </button>
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
    </>
  )
}
