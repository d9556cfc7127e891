// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPartyRegistry} from "./IPartyRegistry.sol";
import {ISigned} from "./ISigned.sol";

/// @title Which agreements were signed, by whom, and which are in force when.
/// @notice A record binds the unsigned PDF (length and SHA-256), the salted tree of its terms, the parties, the validity and the SHA-256 of the
/// sealed file. A PDF signature only appends bytes, so the base everybody signed is a prefix of the sealed file.
/// A party with a signer of its own signs for itself. A party that never had one may approve otherwise, by a code sent to its phone for example;
/// then the last party of the agreement, the utility, says so over its own signature. Such an approval is the utility's word and no more: the
/// record marks it (`attested`), `ApprovalAttested` gives the digest of the evidence the utility must be able to show, and for a party that ever
/// had a signer it is refused, so nobody attests in the place of a key.
/// Agreements that supersede each other are versions of one; `versionAt` is the one answer to which of them is in force when.
/// @dev Nobody but the parties can create or supersede an agreement, and nobody but a party can terminate it; the RECORDER only brings what all
/// signed or the last party attests, and a termination anyone can bring, so that nobody's silence keeps a party in an agreement. The GUARDIAN can revoke, with a public
/// reason. Every ending lies now or ahead: once an agreement is recorded, `inForce` of a second that has passed never changes.
/// `sealedDigest` is the recorder's word: what was signed is `baseDigest`.
interface IAgreementRegistry is ISigned {
    /// @notice What every party signs.
    /// @param id random; names the agreement for ever.
    /// @param kind keccak256 of the kind's public name.
    /// @param baseLength bytes of the unsigned PDF.
    /// @param baseDigest SHA-256 of the unsigned PDF.
    /// @param termsRoot root of the salted tree of terms.
    /// @param parties who must sign, each once, in this order.
    /// @param validFrom first second in force.
    /// @param validTo first second no longer in force; 2^64-1 for no end.
    /// @param supersedes id of the agreement this one replaces from `validFrom` on, between the same parties in the same order; 0 for none.
    /// @param deadline last second at which the signatures may be recorded.
    struct Agreement {
        bytes32 id;
        bytes32 kind;
        uint64 baseLength;
        bytes32 baseDigest;
        bytes32 termsRoot;
        bytes32[] parties;
        uint64 validFrom;
        uint64 validTo;
        bytes32 supersedes;
        uint64 deadline;
    }

    /// @notice What has become of an agreement.
    enum Status {
        None,
        Recorded,
        Superseded,
        Terminated,
        Revoked
    }

    /// @notice What is kept: four storage slots, in this order.
    /// @param agreementHash hashStruct(Agreement), without domain.
    /// @param sealedDigest SHA-256 of the signed PDF as it was sealed.
    /// @param endedAt first second no longer in force for another reason than `validTo`; counts only when status is beyond Recorded.
    /// @param attested bit i set: the approval of the i-th party is the last party's word, not a signature of its own.
    /// @param supersededBy id of the agreement that took its place.
    struct Record {
        bytes32 agreementHash;
        bytes32 sealedDigest;
        uint64 validFrom;
        uint64 validTo;
        uint64 endedAt;
        Status status;
        uint16 attested;
        bytes32 supersededBy;
    }

    /// @notice An agreement signed by all its parties was recorded.
    event AgreementRecorded(
        bytes32 indexed id,
        bytes32 indexed kind,
        bytes32 agreementHash,
        bytes32 sealedDigest,
        bytes32[] parties,
        uint64 validFrom,
        uint64 validTo
    );

    /// @notice The last party attests that `party`, which never had a signer of its own, approved the agreement.
    /// @param evidence SHA-256 of what shows the approval; it holds a random nonce, so the digest tells nothing.
    event ApprovalAttested(bytes32 indexed id, bytes32 indexed party, bytes32 evidence);

    /// @notice `by` takes the place of `id` from `endedAt` on.
    event AgreementSuperseded(bytes32 indexed id, bytes32 indexed by, uint64 endedAt);

    /// @notice `party` has ended the agreement; of two that did, the later event has the earlier end.
    event AgreementTerminated(bytes32 indexed id, bytes32 indexed party, uint64 endedAt);

    /// @notice The guardian has ended the agreement.
    event AgreementRevoked(bytes32 indexed id, bytes32 reason, uint64 endedAt);

    /// @notice An agreement has no parties, or more than `most`.
    error WrongPartyCount(uint256 count, uint256 most);

    /// @notice A party is named twice.
    error PartyNamedTwice(bytes32 party);

    /// @notice A party that ever had a signer of its own signs for itself; nobody attests for it.
    error PartySignsItself(bytes32 party);

    /// @notice Something that must be there is zero: the base document or the sealed one.
    error EmptyDocument(uint64 baseLength, bytes32 baseDigest, bytes32 sealedDigest);

    /// @notice The id is taken.
    error AgreementAlreadyRecorded(bytes32 id, bytes32 agreementHash);

    /// @notice The agreement is not in the state the call needs.
    error AgreementNotOpen(bytes32 id, Status status);

    /// @notice An agreement can be superseded only between the same parties.
    error OtherParties(bytes32 id, bytes32 supersedes);

    /// @notice An agreement cannot begin before the one it supersedes did, nor before now: `earliest` is the later of the two.
    error SuccessorTooEarly(bytes32 id, bytes32 supersedes, uint64 validFrom, uint64 earliest);

    /// @notice The agreement handed over is not the one recorded.
    error NotTheRecordedAgreement(bytes32 id, bytes32 given, bytes32 recorded);

    /// @notice `party` is not a party to the agreement.
    error NotAParty(bytes32 id, bytes32 party);

    /// @notice The registry that says who may sign for a party.
    function partyRegistry() external view returns (IPartyRegistry);

    /// @notice Records an agreement and, when `agreement.supersedes` is set, ends the one it replaces at `agreement.validFrom`, which has not passed.
    /// Role: RECORDER.
    /// @param sealedDigest SHA-256 of the sealed PDF.
    /// @param signers one for each party, in the order of `agreement.parties`; each must stand for its party now.
    /// @param signatures by those signers over the digest of Agreement.
    function record(Agreement calldata agreement, bytes32 sealedDigest, bytes[] calldata signers, bytes[] calldata signatures) external;

    /// @notice As `record`, where the last party attests the approvals of parties that never had a signer. Role: RECORDER.
    /// @param signers one for each party; where `evidence` is not 0, one that stands for the last party.
    /// @param signatures by those signers over the digest of Agreement; where `evidence` is not 0, over the digest of
    /// AttestedApproval(hashStruct(agreement), party, evidence).
    /// @param evidence for each party 0 when it signed itself, else SHA-256 of what shows its approval.
    function recordAttested(
        Agreement calldata agreement,
        bytes32 sealedDigest,
        bytes[] calldata signers,
        bytes[] calldata signatures,
        bytes32[] calldata evidence
    ) external;

    /// @notice Ends an agreement at a party's wish, at `effectiveAt` or now, whichever is later. Anyone with its signature. Works while paused.
    /// Where it is to end already, by a termination or a successor, this can only bring the end forward.
    /// @param agreement as recorded; proves who its parties are.
    /// @param signature by `signer`, who stands for `party`, over Termination(agreement.id, party, effectiveAt, deadline).
    function terminate(
        Agreement calldata agreement,
        bytes32 party,
        uint64 effectiveAt,
        uint64 deadline,
        bytes calldata signer,
        bytes calldata signature
    ) external;

    /// @notice Ends an agreement now by authority. Role: GUARDIAN. Works while paused.
    /// @param reason keccak256 of a public reason code.
    function revoke(bytes32 id, bytes32 reason) external;

    /// @notice Whether the agreement is in force at `time`: validFrom ≤ time < validTo, and not ended before.
    function inForce(bytes32 id, uint64 time) external view returns (bool);

    /// @notice The version in force at `time` among the agreements that superseded each other; 0 when none is.
    /// @param anyIdOfFamily any of them, whichever came first.
    function versionAt(bytes32 anyIdOfFamily, uint64 time) external view returns (bytes32);

    /// @notice The record; all zeros when there is none.
    function recordOf(bytes32 id) external view returns (Record memory);
}
