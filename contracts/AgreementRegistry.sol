// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {Signed} from "./Signed.sol";
import {IAgreementRegistry} from "./interfaces/IAgreementRegistry.sol";
import {IPartyRegistry} from "./interfaces/IPartyRegistry.sol";
import {TypedData} from "./libraries/TypedData.sol";

/// @title IAgreementRegistry, which holds all the prose.
contract AgreementRegistry is IAgreementRegistry, Signed, Governed {
    uint256 private constant MOST_PARTIES = 16;

    /// @inheritdoc IAgreementRegistry
    IPartyRegistry public immutable partyRegistry;

    // Written through a storage pointer, which the detector does not follow.
    // slither-disable-next-line uninitialized-state
    mapping(bytes32 id => Record) private _records;
    mapping(bytes32 id => bytes32) private _partiesHashes;
    mapping(bytes32 id => bytes32) private _firsts; // of a version that superseded another: the first version of its family
    mapping(bytes32 first => bytes32[]) private _successors; // every later version of a family, in the order of their beginnings

    constructor(IPartyRegistry parties, address manager) Governed(manager) {
        partyRegistry = parties;
    }

    /// @inheritdoc IAgreementRegistry
    function record(Agreement calldata agreement, bytes32 sealedDigest, bytes[] calldata signers, bytes[] calldata signatures)
        external
        restricted
        whenNotPaused
        nonReentrant
    {
        bytes32 agreementHash = _sound(agreement, sealedDigest, signers.length, signatures.length);
        bytes32 digest = _hashTypedDataV4(agreementHash);
        for (uint256 i = 0; i < signers.length; ++i) {
            _requireApproved(agreement.parties[i], signers[i], digest, signatures[i]);
        }
        _keep(agreement, agreementHash, sealedDigest, 0);
    }

    /// @inheritdoc IAgreementRegistry
    function recordAttested(
        Agreement calldata agreement,
        bytes32 sealedDigest,
        bytes[] calldata signers,
        bytes[] calldata signatures,
        bytes32[] calldata evidence
    ) external restricted whenNotPaused nonReentrant {
        bytes32 agreementHash = _sound(agreement, sealedDigest, signers.length, signatures.length);
        if (evidence.length != signers.length) revert LengthMismatch(signers.length, evidence.length);
        uint16 attested = 0;
        for (uint256 i = 0; i < signers.length; ++i) {
            if (evidence[i] == 0) {
                _requireApproved(agreement.parties[i], signers[i], _hashTypedDataV4(agreementHash), signatures[i]);
            } else {
                _requireAttested(agreement.parties, i, agreementHash, evidence[i], signers[i], signatures[i]);
                // Shifted by at most 15: there are at most 16 parties.
                // forge-lint: disable-next-line(unsafe-typecast)
                attested |= uint16(1 << i);
            }
        }
        _keep(agreement, agreementHash, sealedDigest, attested);
        for (uint256 i = 0; i < evidence.length; ++i) {
            if (evidence[i] != 0) emit ApprovalAttested(agreement.id, agreement.parties[i], evidence[i]);
        }
    }

    /// @inheritdoc IAgreementRegistry
    function terminate(
        Agreement calldata agreement,
        bytes32 party,
        uint64 effectiveAt,
        uint64 deadline,
        bytes calldata signer,
        bytes calldata signature
    ) external nonReentrant {
        _requireBefore(deadline);
        bytes32 id = agreement.id;
        Record storage r = _records[id];
        if (r.status == Status.None || r.status == Status.Revoked) revert AgreementNotOpen(id, r.status);
        bytes32 given = TypedData.hash(agreement);
        if (given != r.agreementHash) revert NotTheRecordedAgreement(id, given, r.agreementHash);
        _requireParty(agreement, party);
        bytes32 digest = _hashTypedDataV4(TypedData.hashTermination(id, party, effectiveAt, deadline));
        if (!partyRegistry.isValidSignature(party, signer, digest, signature)) revert InvalidSignature(signer, digest);

        uint64 endedAt = effectiveAt > block.timestamp ? effectiveAt : uint64(block.timestamp);
        // An end that lies ahead gives way to an earlier one: who ends it late keeps nobody in it until then.
        if (r.status != Status.Recorded && endedAt >= r.endedAt) revert AgreementNotOpen(id, r.status);
        (r.status, r.endedAt) = (Status.Terminated, endedAt);
        emit AgreementTerminated(id, party, endedAt);
    }

    /// @inheritdoc IAgreementRegistry
    function revoke(bytes32 id, bytes32 reason) external restricted {
        Record storage r = _records[id];
        Status status = r.status;
        if (status == Status.None || status == Status.Revoked) revert AgreementNotOpen(id, status);
        uint64 endedAt = uint64(block.timestamp);
        if (status != Status.Recorded && r.endedAt < endedAt) endedAt = r.endedAt;
        (r.status, r.endedAt) = (Status.Revoked, endedAt);
        emit AgreementRevoked(id, reason, endedAt);
    }

    /// @inheritdoc IAgreementRegistry
    function inForce(bytes32 id, uint64 time) public view returns (bool) {
        Record storage r = _records[id];
        if (r.status == Status.None || time < r.validFrom || time >= r.validTo) return false;
        return r.status == Status.Recorded || time < r.endedAt;
    }

    /// @inheritdoc IAgreementRegistry
    function versionAt(bytes32 anyIdOfFamily, uint64 time) external view returns (bytes32) {
        bytes32 id = _firstOf(anyIdOfFamily);
        bytes32[] storage later = _successors[id];
        (uint256 low, uint256 high) = (0, later.length); // later[..low) began by then, later[high..) did not
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (_records[later[middle]].validFrom <= time) low = middle + 1;
            else high = middle;
        }
        if (low != 0) id = later[low - 1];
        // Whatever came before it ended when it began, so when it is not in force, none is.
        return inForce(id, time) ? id : bytes32(0);
    }

    /// @inheritdoc IAgreementRegistry
    function recordOf(bytes32 id) external view returns (Record memory) {
        return _records[id];
    }

    function _sound(Agreement calldata agreement, bytes32 sealedDigest, uint256 signers, uint256 signatures)
        private
        view
        returns (bytes32 agreementHash)
    {
        _requireBefore(agreement.deadline);
        _requireSound(agreement, sealedDigest);
        uint256 count = agreement.parties.length;
        if (signers != count || signatures != count) revert LengthMismatch(signers, signatures);
        return TypedData.hash(agreement);
    }

    function _requireSound(Agreement calldata agreement, bytes32 sealedDigest) private pure {
        if (agreement.id == 0) revert ZeroId();
        if (agreement.validFrom >= agreement.validTo) revert EmptyPeriod(agreement.validFrom, agreement.validTo);
        if (agreement.baseLength == 0 || agreement.baseDigest == 0 || sealedDigest == 0) {
            revert EmptyDocument(agreement.baseLength, agreement.baseDigest, sealedDigest);
        }
        bytes32[] calldata parties = agreement.parties;
        if (parties.length == 0 || parties.length > MOST_PARTIES) revert WrongPartyCount(parties.length, MOST_PARTIES);
        for (uint256 i = 1; i < parties.length; ++i) {
            for (uint256 j = 0; j < i; ++j) {
                if (parties[i] == parties[j]) revert PartyNamedTwice(parties[i]);
            }
        }
    }

    function _requireAttested(
        bytes32[] calldata parties,
        uint256 place,
        bytes32 agreementHash,
        bytes32 evidence,
        bytes calldata signer,
        bytes calldata signature
    ) private view {
        bytes32 party = parties[place];
        if (partyRegistry.nonceOf(party) != 0) revert PartySignsItself(party);
        bytes32 digest = _hashTypedDataV4(TypedData.hashAttestedApproval(agreementHash, party, evidence));
        _requireApproved(parties[parties.length - 1], signer, digest, signature);
    }

    function _requireApproved(bytes32 party, bytes calldata signer, bytes32 digest, bytes calldata signature) private view {
        if (!partyRegistry.isValidSignature(party, signer, digest, signature)) revert InvalidSignature(signer, digest);
    }

    function _keep(Agreement calldata agreement, bytes32 agreementHash, bytes32 sealedDigest, uint16 attested) private {
        bytes32 partiesHash = keccak256(abi.encodePacked(agreement.parties));
        if (agreement.supersedes != 0) _supersede(agreement, partiesHash);
        Record storage r = _records[agreement.id];
        if (r.status != Status.None) revert AgreementAlreadyRecorded(agreement.id, r.agreementHash);
        (r.agreementHash, r.sealedDigest, r.status, r.attested) = (agreementHash, sealedDigest, Status.Recorded, attested);
        (r.validFrom, r.validTo) = (agreement.validFrom, agreement.validTo);
        _partiesHashes[agreement.id] = partiesHash;
        emit AgreementRecorded(
            agreement.id, agreement.kind, agreementHash, sealedDigest, agreement.parties, agreement.validFrom, agreement.validTo
        );
    }

    function _requireParty(Agreement calldata agreement, bytes32 party) private pure {
        for (uint256 i = 0; i < agreement.parties.length; ++i) {
            if (agreement.parties[i] == party) return;
        }
        revert NotAParty(agreement.id, party);
    }

    function _supersede(Agreement calldata agreement, bytes32 partiesHash) private {
        bytes32 id = agreement.supersedes;
        Record storage old = _open(id);
        if (_partiesHashes[id] != partiesHash) revert OtherParties(agreement.id, id);
        // Before `old` began, the one it replaced is in force; before now, `old` was, and the past stays as it was.
        uint64 earliest = old.validFrom > block.timestamp ? old.validFrom : uint64(block.timestamp);
        if (agreement.validFrom < earliest) revert SuccessorTooEarly(agreement.id, id, agreement.validFrom, earliest);
        (old.status, old.endedAt, old.supersededBy) = (Status.Superseded, agreement.validFrom, agreement.id);
        bytes32 first = _firstOf(id);
        _firsts[agreement.id] = first;
        _successors[first].push(agreement.id);
        emit AgreementSuperseded(id, agreement.id, agreement.validFrom);
    }

    function _open(bytes32 id) private view returns (Record storage r) {
        r = _records[id];
        if (r.status != Status.Recorded) revert AgreementNotOpen(id, r.status);
    }

    function _firstOf(bytes32 id) private view returns (bytes32) {
        bytes32 first = _firsts[id];
        return first == 0 ? id : first;
    }
}
