// Reads a document, checks it on this device, and signs it. The link's token is behind the # and goes to the server in a header only.
"use strict";

const token = location.hash.slice(1);
const $ = (id) => document.getElementById(id);
const show = (id, shown = true) => { $(id).hidden = !shown; };
const SHOWN = 12;

function tell(id, text) {
  $(id).textContent = text;
  show(id, text !== "");
}

async function ask(path, body) {
  const headers = { "x-signing-link": token };
  if (body !== undefined) headers["content-type"] = "application/json";
  const method = body === undefined ? "GET" : "POST";
  const answer = await fetch("/api/v1/signing" + path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({ title: String(answer.status), detail: "", fix: "" }));
  const english = [problem.detail, problem.fix].map((one) => one.charAt(0).toUpperCase() + one.slice(1)).join(". ");
  const wrong = new Error(`${problem.vi || problem.title.split(" · ")[0]}\n${english}.`);
  wrong.status = answer.status;
  throw wrong;
}

const said = async (path, body) => (await ask(path, body)).json();

function when(button, act) {
  $(button).addEventListener("click", async () => {
    tell("problem", "");
    $(button).disabled = true;
    try {
      await act();
    } catch (wrong) {
      if (wrong.status === 409) await refresh().catch(() => {}); // somebody was faster: what is painted is no longer so
      $($("signing").hidden ? "done" : button).after($("problem")); // beside what was pressed: a phone shows little of the page
      tell("problem", wrong.message);
      $("problem").scrollIntoView({ block: "nearest" });
    } finally {
      $(button).disabled = false;
    }
  });
}

// WebAuthn speaks in bytes, JSON in base64url.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

function plain(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

// Browsers say in English prose, and on purpose not clearly, why no passkey answered.
async function answered(asking) {
  try {
    return plain(await asking);
  } catch (wrong) {
    if (wrong.name === "InvalidStateError") throw new Error("Máy này đã giữ một khoá truy cập của bạn: dùng khoá đó để ký.\nThis device keeps a passkey of yours already: sign with that one.");
    throw new Error("Không dùng được khoá truy cập: bạn đã huỷ, đã quá lâu, hoặc khoá ở máy khác. Thử lại, hoặc mở đường dẫn trên máy giữ khoá; mất máy thì báo điện lực.\nNo passkey answered: you cancelled, it took too long, or the passkey is on another device. Try again, or open the link on the device that keeps it; if that is lost, tell the utility.");
  }
}

function asserted(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
  return answered(navigator.credentials.get({ publicKey }));
}

function created(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
  };
  return answered(navigator.credentials.create({ publicKey }));
}

let contacts = [];
const chosen = () => contacts.find((one) => one.channel === $("channel").value);

// A contact that was changed lately gets no code until the one before it vouches for the change.
function offerVouching() {
  show("vouching", Boolean(chosen()) && !chosen().settled);
}

// Wallets announce themselves (EIP-6963), and a person may have several; an older one only sits at window.ethereum.
const wallets = [];

addEventListener("eip6963:announceProvider", ({ detail }) => {
  if (wallets.some((one) => one.info.uuid === detail.info.uuid)) return;
  wallets.push(detail);
  $("which").replaceChildren(...wallets.map((one, place) => {
    const choice = document.createElement("option");
    choice.value = place;
    choice.textContent = one.info.name;
    return choice;
  }));
  show("choosing", wallets.length > 1);
  show("enrolling-wallet");
});
dispatchEvent(new Event("eip6963:requestProvider"));

async function withWallet(method, params) {
  const wallet = wallets.length ? wallets[Number($("which").value)].provider : window.ethereum;
  if (!wallet) throw new Error("Không thấy ví trong trình duyệt này: mở trang trong trình duyệt của ví, hoặc cài tiện ích ví.\nNo wallet in this browser: open the page in your wallet's browser, or install its extension.");
  try {
    return await wallet.request({ method, params });
  } catch (wrong) {
    if (wrong.code === 4001) throw new Error("Bạn đã từ chối trong ví; chưa ký gì.\nYou refused in the wallet; nothing was signed.");
    throw new Error(`Ví báo lỗi · The wallet says: ${wrong.message || wrong.code}`);
  }
}

async function signedByWallet(asked, opened) {
  const accounts = opened || await withWallet("eth_requestAccounts");
  if (!accounts.some((one) => one.toLowerCase() === asked.signer.toLowerCase())) {
    throw new Error(`Ví này không mở tài khoản đã đăng ký, ${asked.signer}: chọn tài khoản đó trong ví rồi ký lại.\nThis wallet did not open the registered account: choose it in the wallet, then sign again.`);
  }
  const chain = Number(asked.typed_data.domain.chainId);
  if (Number(await withWallet("eth_chainId")) !== chain) { // most wallets sign for the chain they are on only
    await withWallet("wallet_switchEthereumChain", [{ chainId: `0x${chain.toString(16)}` }]);
  }
  return withWallet("eth_signTypedData_v4", [asked.signer, JSON.stringify(asked.typed_data)]);
}

// How a document stands once nobody signs it any more: in words, and whether that is what was wanted.
const STATES = {
  declined: ["Một bên đã từ chối · A party declined", "bad"],
  withdrawn: ["Điện lực đã thôi mời ký · The utility withdrew it", "bad"],
  expired: ["Đã quá hạn ký · The deadline has passed", "bad"],
  held: ["Tệp đã khác lúc trình ký nên tạm dừng; chưa ai ký bản này, điện lực sẽ xử lý · Held: its file is not the one that was drawn up for signing; nobody signs it until the utility has restored it", "bad"],
  refused: ["Đã ký, chuỗi không ghi nhận; điện lực sẽ xử lý · Signed, but the chain refused it; the utility sees to it", "bad"],
  signed: ["Các bên đã ký · Everybody has signed", "good"],
  sealed: ["Đã ký và niêm phong · Signed and sealed", "good"],
};
const NEXT = {
  declined: "Tiếp theo: điện lực xem lý do và báo bạn nếu lập văn bản khác; bạn không phải làm gì thêm.\nNext: the utility looks at the reason and tells you if it draws up another document; there is nothing more for you to do.",
  withdrawn: "Bạn không phải làm gì; có thắc mắc thì hỏi điện lực.\nThere is nothing for you to do; ask the utility if you wonder why.",
  expired: "Còn muốn ký thì báo điện lực lập văn bản khác; văn bản này có ở “Của tôi”.\nIf you still want to sign, tell the utility to draw up another; this one is under “Mine”.",
  held: "Bạn không phải làm gì; mở lại đường dẫn này sau.\nThere is nothing for you to do; open this link again later.",
  open: "Tiếp theo: các bên còn lại ký, rồi văn bản được niêm phong và ghi lên chuỗi; bạn không phải làm gì thêm.\nNext: the other parties sign, then it is sealed and recorded on chain; there is nothing more for you to do.",
  refused: "Bạn không phải làm gì thêm; văn bản này có ở “Của tôi”.\nThere is nothing more for you to do; it is under “Mine”.",
  signed: "Tiếp theo: văn bản được niêm phong và ghi lên chuỗi; bạn không phải làm gì thêm.\nNext: it is sealed and recorded on chain; there is nothing more for you to do.",
  sealed: "Bản đã ký có ở “Của tôi”.\nThe signed file is under “Mine”.",
};
const WHEN = { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Ho_Chi_Minh" };
const CHANNELS = { email: "E-mail", sms: "SMS", zalo: "Zalo" };
const ROLES = { owner: "Chủ mái nhà · owner", customer: "Khách hàng · customer", utility: "Điện lực · utility" };
const WAYS = { none: "by-code", passkey: "by-passkey", wallet: "by-wallet", certificate: "by-certificate" };

// A moment by Vietnam's clock, wherever this device is.
function moment(utc) {
  const part = Object.fromEntries(new Intl.DateTimeFormat("en-GB", WHEN).formatToParts(new Date(utc)).map((one) => [one.type, one.value]));
  return `${part.day}/${part.month}/${part.year} ${part.hour}:${part.minute}, giờ Việt Nam · Vietnam time`;
}

function stands(words, kind) {
  $("done").className = `card ${kind}`;
  tell("done", words);
}

// How it stands, as its reader understands it: what the utility declines, it offers no more.
function standing(paper) {
  const by = paper.steps.find((step) => step.party === paper.ended_by);
  return paper.state === "declined" && by?.role === "utility" ? "withdrawn" : paper.state;
}

function partOf(step, paper) {
  if (step.signed) return "đã ký · signed";
  if (step.party === paper.ended_by) return "đã từ chối · declined";
  return paper.state in STATES && paper.state !== "held" ? "không ký · did not sign" : "chưa ký · not signed";
}

function paint(paper) {
  show("paper");
  $("title-vi").textContent = paper.title_vi;
  $("title-en").textContent = paper.title_en;
  $("lookup").textContent = paper.lookup_code;
  $("deadline").textContent = paper.deadline.utc ? moment(paper.deadline.utc) : "–";
  $("digest").textContent = paper.digest;
  $("steps").replaceChildren(...paper.steps.map((step) => {
    const line = document.createElement("li");
    const mine = step.party === paper.party ? " (bạn · you)" : "";
    line.textContent = `${ROLES[step.role] || step.role}${mine}: ${partOf(step, paper)}`;
    return line;
  }));
  const channel = $("channel").value;
  $("channel").replaceChildren(...paper.contacts.map((one) => {
    const choice = document.createElement("option");
    choice.value = one.channel;
    choice.textContent = `${CHANNELS[one.channel]}: ${one.address}${one.settled ? "" : " (mới đổi · changed lately)"}`;
    return choice;
  }));
  contacts = paper.contacts;
  if (contacts.some((one) => one.channel === channel)) $("channel").value = channel;
  offerVouching();
  const state = standing(paper);
  const ended = state in STATES;
  const signed = paper.steps.some((step) => step.party === paper.party && step.signed);
  if (ended) {
    const [words, kind] = STATES[state];
    const mine = paper.state === "declined" && paper.ended_by === paper.party;
    stands((mine ? "Bạn đã từ chối · You declined" : words) + (paper.reason && paper.state === "declined" ? `: ${paper.reason}` : ""), kind);
  } else if (signed) stands("Bạn đã ký · You have signed", "good");
  else if (!paper.my_turn) stands("Chưa đến lượt bạn · It is not your turn yet", "");
  show("until", !ended && !signed);
  show("next", (signed || ended) && state in NEXT);
  $("next-said").textContent = NEXT[state] || "";
  $("next-code").textContent = paper.sign_in_as;
  for (const [key, section] of Object.entries(WAYS)) show(section, key === paper.key);
  show("enrolling", Boolean(window.PublicKeyCredential));
  show("enrolling-wallet", Boolean(wallets.length || window.ethereum));
  $(paper.key === "none" ? "enrol-wallet" : "wallet").before($("choosing"));
  return !ended && paper.my_turn;
}

async function check(paper) {
  const content = await (await ask("/document")).arrayBuffer();
  const hash = [...new Uint8Array(await crypto.subtle.digest("SHA-256", content))].map((one) => one.toString(16).padStart(2, "0")).join("");
  $("hash-head").textContent = hash.slice(0, SHOWN);
  $("hash-tail").textContent = hash.slice(SHOWN);
  show("fingerprint");
  if (`0x${hash}` !== paper.base_digest) {
    $("hash-said").textContent = "";
    throw new Error("Văn bản nhận được không phải văn bản sẽ ký · What arrived is not what would be signed");
  }
  $("hash-said").textContent = "Tính trên máy của bạn; tin nhắn có mã phải ghi các ký tự đậm này. · Computed on your device; the message with the code must show the bold characters.";
  const address = URL.createObjectURL(new Blob([content], { type: "application/pdf" }));
  $("open").href = address;
  show("opening");
  show("view", navigator.pdfViewerEnabled);
  if (navigator.pdfViewerEnabled) $("view").src = `${address}#view=FitH`; // as wide as the screen, so that no line is cut off
}

async function refresh() {
  const paper = await said("");
  const open = paint(paper);
  show("signing", open);
  if (!open) $("done").scrollIntoView({ block: "center" });
  return paper;
}

async function begin() {
  if (!token) throw new Error("Đường dẫn không đầy đủ: mở lại từ tin nhắn, hoặc đăng nhập.\nThe link is not complete: open it again from the message, or sign in.");
  const paper = await refresh();
  if (!paper.shown) return; // it ended before it was ever opened: there is nothing to read any more, only what became of it
  try {
    await check(paper);
  } catch (error) {
    if (paper.state !== "held") throw error;
    return; // as was said above; nobody need be told twice
  }
  if (paper.state === "held") await refresh(); // what arrived is whole again
  $("read").addEventListener("change", () => {
    for (const button of ["send", "passkey", "wallet", "certificate"]) $(button).disabled = !$("read").checked;
  });
  $("read").disabled = false; // only what arrived whole, and is what would be signed, can have been read
}

function where(sent) {
  return `Mã đã gửi đến · Code sent to ${sent.address}`;
}

$("channel").addEventListener("change", offerVouching);
when("vouch-send", async () => {
  tell("vouch-sent", where(await said(`/contacts/${chosen().id}/vouching-code`, {})));
  show("vouch-typing");
  $("vouch-code").focus();
});
when("vouch", async () => {
  await said(`/contacts/${chosen().id}/vouching`, { code: $("vouch-code").value });
  tell("vouch-sent", "");
  show("vouch-typing", false);
  await refresh();
});
when("send", async () => {
  tell("sent", where(await said("/code", { channel: $("channel").value })));
  show("typing");
  $("code").focus();
});
when("confirm", async () => {
  await said("/code/confirmation", { code: $("code").value });
  await refresh();
});
when("enrol-send", async () => {
  tell("enrol-sent", where(await said("/enrolment-code", { channel: $("channel").value })));
  show("enrol-typing");
  $("enrol-code").focus();
});
when("enrol", async () => {
  const making = await said("/passkey/creation-options", { code: $("enrol-code").value });
  const standing = await said("/passkey/creation", { credential: await created(making.options) });
  await said("/passkey/enrolment", { credential: await asserted(standing.options) });
  await refresh();
  $("passkey").disabled = !$("read").checked;
});
when("enrol-wallet-send", async () => {
  tell("enrol-wallet-sent", where(await said("/enrolment-code", { channel: $("channel").value })));
  show("enrol-wallet-typing");
  $("enrol-wallet-code").focus();
});
when("enrol-wallet", async () => {
  const accounts = await withWallet("eth_requestAccounts");
  const asked = await said("/wallet/registration", { address: accounts[0] });
  const given = { code: $("enrol-wallet-code").value, address: accounts[0], deadline: asked.deadline.unix_s };
  await said("/wallet/enrolment", { ...given, signature: await signedByWallet(asked, accounts) });
  await refresh();
  $("wallet").disabled = !$("read").checked;
});
when("passkey", async () => {
  const asked = await said("/passkey");
  await said("/passkey", { credential: await asserted(asked.options) });
  await refresh();
});
when("wallet", async () => {
  await said("/wallet", { signature: await signedByWallet(await said("/wallet")) });
  await refresh();
});
when("certificate", async () => {
  await said("/certificate", { signature: $("signature").value.trim() });
  await refresh();
});
when("decline", async () => {
  if (!$("reason").value.trim()) throw new Error("Ghi lý do từ chối.\nSay why you decline.");
  show("declining");
  show("decline", false);
  $("decline-not").focus();
});
when("decline-not", async () => {
  show("declining", false);
  show("decline");
});
when("decline-surely", async () => {
  await said("/refusal", { reason: $("reason").value });
  await refresh();
});

begin().catch((wrong) => {
  tell("problem", wrong.message);
  show("signing", false);
  $("hash-said").textContent = "";
  show("elsewhere", $("paper").hidden);
});
