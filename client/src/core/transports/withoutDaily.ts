/** Stands in for daily-js, so that its code and the script it loads from the internet stay out. */
export default {
  getCallInstance(): never {
    throw new Error("This page is built without Daily: calls use WavMediaManager.");
  },
};
