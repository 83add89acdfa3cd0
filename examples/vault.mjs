// A policy of one's own: nobody but itself looks into a process of user 7000, whatever its rights.
export default {
  name: "vault",
  ptraceAccess({ caller, target }) {
    if (target.credentials.uid !== 7000 || caller.pid === target.pid) return undefined;
    return {
      code: "EACCES",
      id: "vault/sealed",
      text: "the vault is closed to every other process",
      compared: { caller: caller.pid, target: target.pid },
    };
  },
};
