import type { Profile, Settings } from "@kadvise/releases";
import { askAdvice, type AdviceQuestion } from "./askAdvice.ts";

/** Settings of a kernel that are on or off. */
type Switch = {
  [key in keyof Settings]: Settings[key] extends boolean ? key : never;
}[keyof Settings];

/** The settings without which a kernel that takes a piece of advice takes it no longer. */
export function settingsNeeded(profile: Profile, question: AdviceQuestion): readonly Switch[] {
  if (askAdvice(profile, question).answer !== "ok") return [];
  return switchesOf(profile.settings).filter((key) => {
    const settings = { ...profile.settings, [key]: !profile.settings[key] };
    return askAdvice({ ...profile, settings }, question).answer !== "ok";
  });
}

function switchesOf(settings: Settings): readonly Switch[] {
  return Object.entries(settings)
    .filter(([, value]) => typeof value === "boolean")
    .map(([key]) => key as Switch);
}
