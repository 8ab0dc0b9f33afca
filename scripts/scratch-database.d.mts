export function createScratchDatabase(serverUrl: string): Promise<{ url: string; drop: () => Promise<void> }>
export function patient(url: string): string
export function impatient(url: string): string
