export const SuggestedPeople = () => null
