export function createScratchDatabase(serverUrl: string): Promise<{ url: string; drop: () => Promise<void> }>
