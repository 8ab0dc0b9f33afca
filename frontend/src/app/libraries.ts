// In the chunk of the libraries, so that React starts in a task of its own.
import 'react-dom/client'
