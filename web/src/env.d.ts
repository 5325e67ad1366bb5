/** 由 vite.config.ts 写入：应用的版本。 */
declare const __VERSION__: string
