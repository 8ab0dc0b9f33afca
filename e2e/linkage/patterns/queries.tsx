import {
  QueryClient,
  QueryClientProvider,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { useState } from 'react'
import { pause, work } from '../work.ts'
import { Button } from './button.tsx'

const F1 = () => {
  const mutation = useMutation({
    mutationFn: async () => {
      await pause(5)
      return work('f1')
    },
  })
  return <Button id="f1" onClick={() => mutation.mutate()} />
}

const F2 = () => {
  const query = useQuery({ queryKey: ['f2'], queryFn: () => work('f2'), enabled: false })
  return <Button id="f2" onClick={query.refetch} />
}

const F3 = () => {
  const [value, setValue] = useState(0)
  useQuery({ queryKey: ['f3', value], queryFn: () => work('f3'), enabled: value > 0 })
  return <Button id="f3" onClick={() => setValue(value + 1)} />
}

const F4 = () => {
  const client = useQueryClient()
  useQuery({ queryKey: ['f4'], queryFn: () => work('f4') })
  return <Button id="f4" onClick={() => client.invalidateQueries({ queryKey: ['f4'] })} />
}

const F5 = () => {
  const query = useInfiniteQuery({
    queryKey: ['f5'],
    queryFn: () => work('f5'),
    initialPageParam: 0,
    getNextPageParam: (_last, pages) => pages.length,
  })
  return <Button id="f5" onClick={query.fetchNextPage} />
}

const I2 = () => {
  const client = useQueryClient()
  const mutation = useMutation({
    onMutate: async () => {
      await client.cancelQueries({ queryKey: ['i2'] })
    },
    mutationFn: () => work('i2'),
    onSettled: () => work('i2'),
  })
  return <Button id="i2" onClick={() => mutation.mutate()} />
}

const client = new QueryClient({ defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false } } })

export const queries = (
  <QueryClientProvider client={client}>
    <F1 />
    <F2 />
    <F3 />
    <F4 />
    <F5 />
    <I2 />
  </QueryClientProvider>
)
