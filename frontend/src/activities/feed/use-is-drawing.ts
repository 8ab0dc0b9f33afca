import { useDeferredValue } from 'react'

/**
 * Whether a list that was waited for has come, and is not drawn yet: that is done a few milliseconds at a time while its
 * bones are still shown, so that whoever clicks meanwhile is answered at once.
 */
export const useIsDrawing = ({ isPending }: { isPending: boolean }): boolean => useDeferredValue(isPending)
