import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds the server that answers /api.
const server = process.env.OFFHOOK_DEV_SERVER ?? "http://localhost:7860";

export default defineConfig({
  base: "/",
  plugins: [react()],
  resolve: {
    alias: {
      // Both transports import daily-js for a media manager this page never builds; it is a quarter
      // of a megabyte and would load a script from the internet.
      "@daily-co/daily-js": fileURLToPath(
        new URL("./src/core/transports/withoutDaily.ts", import.meta.url),
      ),
    },
  },
  build: {
    target: "es2022",
    // Both families of files that must not be inlined are fonts; everything else is tiny.
    assetsInlineLimit: 2048,
  },
  server: { proxy: { "/api": { target: server, ws: true } } },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
    restoreMocks: true,
    testTimeout: 20_000,
  },
});
