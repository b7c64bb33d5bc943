/** Parameters of a function: an object, by name, or an array, by position. */
export type Parameters = Record<string, unknown> | unknown[];

export interface InvokeOptions {
  /** Variables of this call, stronger than those of the manifest. */
  environment?: Record<string, string>;
  /** For a module that exports several functions: which one, `add` or `add(a: i32, b: i32) -> i32`. */
  signature?: string;
}

/** How a call ended that did not succeed. */
export declare class FunctionError extends Error {
  readonly kind:
    | "exit" | "trap" | "timeout" | "cpu limit" | "no result" | "output limit" | "bad event" | "internal";
  /** What it is worth in HTTP: 400, 500, 502 or 504. */
  readonly status: number;
  readonly exitCode?: number;
}

/** Calls the function with parameters; resolves to its result, rejects with a FunctionError. */
export declare function invoke<Result = unknown>(parameters?: Parameters, options?: InvokeOptions): Promise<Result>;

/** The same with JSON texts, which keep all digits. */
export declare function invokeText(parameters?: string, options?: InvokeOptions): Promise<string>;

export interface RequestLike {
  method?: string;
  url?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array | ArrayBuffer | null;
}

/** Answers an HTTP request as `wherry serve` does. */
export declare function handle(request: Request | RequestLike): Promise<Response>;

declare const _default: {
  fetch: typeof handle;
  handle: typeof handle;
  invoke: typeof invoke;
  invokeText: typeof invokeText;
};
export default _default;
