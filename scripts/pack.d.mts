/** Packs the packages of these names, or all, into a folder, and answers with the paths of the tarballs. */
export function pack(names: string[], out: string, options?: { isChecked?: boolean }): Promise<string[]>
