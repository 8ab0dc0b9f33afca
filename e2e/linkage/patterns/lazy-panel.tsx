import { useEffect } from 'react'
import { work } from '../work.ts'

export const LazyPanel = ({ value }: { value: number }) => {
  useEffect(() => {
    if (value > 0) void work('c2')
  }, [value])
  return <span>lazy</span>
}
