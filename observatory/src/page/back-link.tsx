import { follow } from './address.ts'

export const BackLink = () => (
  <a className="back" href="/" onClick={follow}>
    <span aria-hidden="true">←</span> All traces
  </a>
)
