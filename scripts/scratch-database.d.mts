export function createScratchDatabase(serverUrl: string): Promise<{ url: string; drop: () => Promise<void> }>
export function withTestTimeouts(url: string): string
export function withProductTimeouts(url: string): string
