import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);

// The page of a call is loaded when it is needed, which takes a busy machine a while.
configure({ asyncUtilTimeout: 10_000 });

// jsdom has no opinion on media queries.
window.matchMedia = (query: string) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => {},
    removeEventListener: () => {},
  }) as unknown as MediaQueryList;
