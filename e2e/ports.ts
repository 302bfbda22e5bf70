/** The servers of playwright.config.ts: three ports from QUIRE_E2E_PORT on, so that two checkouts can be tested at the same time. */
const first = Number(process.env.QUIRE_E2E_PORT ?? 5191);
export const PAGE_PORT = first;
export const SITE_PORT = first + 1;
export const PLAIN_PORT = first + 2;
