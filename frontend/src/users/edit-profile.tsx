import { bioMaxLength, displayNameMaxLength, type Profile, updateProfile } from '@cruddur/shared/users'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { ApiError, isApiError, traceIdOf } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { refusalWords } from '../api/trouble-words.ts'
import { useCurrentUser } from '../ui/current-user.ts'
import { Dialog } from '../ui/dialog.tsx'
import { TextArea, TextField, useFirstWrong } from '../ui/field.tsx'
import { ErrorLine } from '../ui/trouble.tsx'
import { countCharacters, tooLongWords, usedWords } from '../writing/character-count.ts'
import { showOwnProfile } from './person-cache.ts'

type Props = { profile: Profile; isOpen: boolean; onClose: () => void }

export const EditProfile = ({ profile, isOpen, onClose }: Props) => (
  <Dialog title="Edit profile" isOpen={isOpen} onClose={onClose}>
    <EditForm profile={profile} onDone={onClose} />
  </Dialog>
)

const EditForm = ({ profile, onDone }: { profile: Profile; onDone: () => void }) => {
  const queries = useQueryClient()
  const { afterSigningInAgain } = useCurrentUser()
  const form = useRef<HTMLFormElement>(null)
  const [name, setName] = useState(profile.display_name)
  const [bio, setBio] = useState(profile.bio)
  const save = useMutation({
    mutationFn: () => call(updateProfile, { display_name: name, bio }),
    onSuccess: (changed) => {
      showOwnProfile(queries, changed)
      onDone()
    },
    onError: (error) => {
      // A different user may sign in, so the form stays open and needs another click.
      if (isApiError(error, 'unauthenticated')) afterSigningInAgain(() => {})
    },
  })
  const nameCount = countCharacters(name, displayNameMaxLength)
  const bioCount = countCharacters(bio, bioMaxLength)
  const fields = save.error instanceof ApiError ? save.error.fields : {}
  const isAboutFields = Object.keys(fields).length > 0
  const change =
    (set: (text: string) => void) =>
    ({ target }: { target: { value: string } }) => {
      set(target.value)
      if (isAboutFields) save.reset()
    }
  useFirstWrong(form, isAboutFields && save.error)

  return (
    <form
      ref={form}
      className="form"
      data-trace="save profile"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!save.isPending) save.mutate()
      }}
    >
      <TextField
        label="Name"
        name="display_name"
        autoComplete="name"
        dir="auto"
        value={name}
        onChange={change(setName)}
        hint={usedWords(nameCount)}
        error={tooLongWords(nameCount) ?? fields.display_name}
      />
      <TextArea
        label="About you"
        name="bio"
        dir="auto"
        value={bio}
        onChange={change(setBio)}
        hint={usedWords(bioCount)}
        error={tooLongWords(bioCount) ?? fields.bio}
      />
      {save.error && !isAboutFields && (
        <ErrorLine traceId={traceIdOf(save.error)}>Not saved: {refusalWords(save.error)}</ErrorLine>
      )}
      <div className="form-end">
        <button type="submit" className="button" aria-disabled={save.isPending}>
          {save.isPending ? 'Saving…' : 'Save'}
        </button>
      </div>
    </form>
  )
}
