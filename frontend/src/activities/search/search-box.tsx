import { searchTermMaxLength } from '@cruddur/shared/activities'
import { useEffect, useId, useRef, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { Icon } from '../../ui/icons.tsx'
import { searchAddress } from '../addresses.ts'

/** The term is in the address, so that links and the back button can open a search. */
export const SearchBox = () => {
  const id = useId()
  const navigate = useNavigate()
  const [given] = useSearchParams()
  const term = given.get('term') ?? ''
  const [typed, setTyped] = useState(term)
  const field = useRef<HTMLInputElement>(null)

  useEffect(() => setTyped(term), [term])

  return (
    <search>
      <form
        className="search-box"
        data-trace="search"
        onSubmit={(event) => {
          event.preventDefault()
          const sought = typed.trim()
          if (sought) void navigate(searchAddress(sought), { replace: sought === term })
          else field.current?.focus()
        }}
      >
        <Icon name="search" />
        <label className="visually-hidden" htmlFor={id}>
          Search Cruddur
        </label>
        <input
          ref={field}
          id={id}
          type="search"
          name="term"
          placeholder="Search words, #tags, @people"
          enterKeyHint="search"
          autoComplete="off"
          maxLength={searchTermMaxLength}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
        <button type="submit" className="button button-small">
          Search
        </button>
      </form>
    </search>
  )
}
