import { Composer } from '../activities/write/composer.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ActionList } from './action-list.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { LoadedCode } from './loaded-code.tsx'

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

const Signals = ({ breakPage }: Pick<Props, 'breakPage'>) => (
  <LoadedCode
    file="signals-panel.js"
    load={() => import('./signals-panel.tsx')}
    what="The signals"
    loading={<p className="hint">Loading…</p>}
  >
    {({ SignalsPanel }) => (
      <ErrorBoundary>
        <SignalsPanel breakPage={breakPage} />
      </ErrorBoundary>
    )}
  </LoadedCode>
)
