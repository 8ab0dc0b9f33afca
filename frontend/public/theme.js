// Before the first paint, and in a file of its own: the content security policy takes no inline code.
try {
  const theme = localStorage.getItem('theme')
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme
} catch {}
