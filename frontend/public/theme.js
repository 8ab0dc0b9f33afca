// Runs before the first paint. It is a file of its own, because the content security policy forbids inline code.
try {
  const theme = localStorage.getItem('theme')
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme
} catch {}
