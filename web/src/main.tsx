/** Puts the web UI together. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { router } from './app/router.tsx';
import { SessionProvider } from './app/session.tsx';
import { Toasts } from './components/toasts.tsx';
import { ApiError } from './lib/api.ts';
import { readTheme, setTheme } from './lib/theme.ts';
import './styles/main.css';

setTheme(readTheme());
const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      retry: (failures, error) =>
        failures < 3 && error instanceof ApiError && (error.problem.status === 0 || error.problem.status === 503),
    },
  },
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <SessionProvider>
        <Toasts>
          <RouterProvider router={router} />
        </Toasts>
      </SessionProvider>
    </QueryClientProvider>
  </StrictMode>,
);
