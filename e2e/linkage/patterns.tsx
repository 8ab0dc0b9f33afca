import { forms } from './patterns/forms.tsx'
import { handlers } from './patterns/handlers.tsx'
import { page } from './patterns/page.tsx'
import { queries } from './patterns/queries.tsx'
import { routers } from './patterns/routers.tsx'
import { separate } from './patterns/separate.tsx'
import { state } from './patterns/state.tsx'

export const Patterns = () => (
  <main>
    {handlers}
    {state}
    {forms}
    {queries}
    {routers}
    {page}
    {separate}
  </main>
)
