import { useSearchParams } from 'react-router'
import { SearchBox } from '../activities/search/search-box.tsx'
import { SearchResults } from '../activities/search/search-results.tsx'
import { Trends } from '../activities/search/trends.tsx'
import { SuggestedPeople } from '../users/suggested-people.tsx'
import { PageHeading } from './page-heading.tsx'
import { usePage } from './use-page.ts'

export const SearchPage = () => {
  usePage({ title: 'Search', route: '/search' })
  const [asked] = useSearchParams()
  const term = (asked.get('term') ?? '').trim()
  return (
    <>
      <PageHeading title="Search">Words, a #hashtag, or somebody’s @handle</PageHeading>
      <SearchBox />
      {term ? (
        <SearchResults key={term} term={term} />
      ) : (
        <div className="search-start">
          <Trends />
          <SuggestedPeople />
        </div>
      )}
    </>
  )
}
