import { useParams } from 'react-router'
import { CrudView } from '../activities/crud-view.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { PageHeading } from './page-heading.tsx'
import { handleOf } from './profile-page.tsx'
import { usePage } from './use-page.ts'

export const CrudPage = () => {
  const { handle: segment, uuid } = useParams()
  const handle = handleOf(segment)
  return handle && uuid ? <Crud handle={handle} uuid={uuid} /> : <NotFoundPage />
}

const Crud = ({ handle, uuid }: { handle: string; uuid: string }) => {
  usePage({ title: `Crud of @${handle}`, route: '/@:handle/status/:uuid' })
  return (
    <>
      <PageHeading title="Crud" hasBack />
      <CrudView key={uuid} handle={handle} uuid={uuid} />
    </>
  )
}
