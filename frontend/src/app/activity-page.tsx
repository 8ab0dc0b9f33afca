import { useParams } from 'react-router'
import { ActivityDetail } from '../activities/feed/activity-detail.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { PageHeading } from './page-heading.tsx'
import { handleOf } from './profile-page.tsx'
import { usePage } from './use-page.ts'

export const ActivityPage = () => {
  const { handle: segment, uuid } = useParams()
  const handle = handleOf(segment)
  return handle && uuid ? <Page handle={handle} uuid={uuid} /> : <NotFoundPage />
}

const Page = ({ handle, uuid }: { handle: string; uuid: string }) => {
  usePage({ title: `Crud of @${handle}`, route: '/@:handle/status/:uuid' })
  return (
    <>
      <PageHeading title="Crud" hasBack />
      <ActivityDetail key={uuid} handle={handle} uuid={uuid} />
    </>
  )
}
