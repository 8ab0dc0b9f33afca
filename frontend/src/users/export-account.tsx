import { exportAccount } from '@cruddur/shared/users'
import { useMutation } from '@tanstack/react-query'
import { traceIdOf } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { useNotify } from '../ui/notify.ts'

export const ExportAccount = () => {
  const notify = useNotify()
  const read = useMutation({
    mutationFn: () => call(exportAccount, {}),
    onSuccess: (all) => download(`cruddur-${all.handle}.json`, JSON.stringify(all, null, 2)),
    onError: (error) =>
      notify({
        sentence: `Not exported: ${error.message}`,
        traceId: traceIdOf(error),
      }),
  })
  return (
    <button
      type="button"
      className="button button-quiet"
      data-trace="export account"
      aria-disabled={read.isPending}
      onClick={() => !read.isPending && read.mutate()}
    >
      {read.isPending ? 'Preparing…' : 'Download as JSON'}
    </button>
  )
}

const download = (name: string, text: string): void => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
