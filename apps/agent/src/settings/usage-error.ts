/** The command line or the environment asks for what cannot be: one line for people, exit code 2. */
export class UsageError extends Error {}
