/** The servers of playwright.config.ts. */
export const PAGE_PORT = 5191;
export const SITE_PORT = 5192;
export const PLAIN_PORT = 5193;
