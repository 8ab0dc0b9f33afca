import { useSearchParams } from 'react-router'
import { SearchBox, SearchResults } from '../activities/search.tsx'
import { Trends } from '../activities/trends.tsx'
import { SuggestedPeople } from '../users/suggested-people.tsx'
import { PageHead } from './page-head.tsx'
import { usePage } from './use-page.ts'

export const SearchPage = () => {
  usePage({ title: 'Search', route: '/search' })
  const [asked] = useSearchParams()
  const term = (asked.get('term') ?? '').trim()
  return (
    <>
      <PageHead title="Search">Words, a #hashtag, or somebody’s @handle</PageHead>
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
