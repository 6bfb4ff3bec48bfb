import { Assembler, type Place } from "../assembler.ts";
import type { Label } from "../encoder.ts";

/** Machine code with the instructions that threads need to agree with each other. Intel 64 manual, volume 2. */
export class TeamAssembler extends Assembler {
  /** Exchanges a whole register with memory; everything written before is seen by who sees this. */
  exchangeLong(place: Place, register: number): void {
    this.plain(0x87, register, place, 8);
  }

  /** Where memory holds what rax holds, the register goes there, and "zero" is said; else rax becomes what memory holds. */
  compareAndExchangeLong(place: Place, register: number): void {
    this.emit(0xf0);
    this.plain(0x0f, register, place, 8, 0xb1);
  }

  /** Adds one to 32 bits in one step that others see whole. */
  incrementAtomic(place: Place): void {
    this.emit(0xf0);
    this.plain(0xff, 0, place);
  }

  decrementAtomic(place: Place): void {
    this.emit(0xf0);
    this.plain(0xff, 1, place);
  }

  /** Compares 32 bits in memory with a small number. */
  compareConstantAt(place: Place, value: number): void {
    this.plain(0x83, 7, place);
    this.emit(value & 255);
  }

  /** Compares the lower halves of two registers. */
  compareHalves(left: number, right: number): void {
    this.emit(0x40 | ((right >> 3) << 2) | (left >> 3), 0x39, 0xc0 | ((right & 7) << 3) | (left & 7));
  }

  /** The lower sixteen bits of a register alone. */
  lowWord(to: number, from: number): void {
    this.emit(0x40 | ((to >> 3) << 2) | (from >> 3), 0x0f, 0xb7, 0xc0 | ((to & 7) << 3) | (from & 7));
  }

  shiftLeft(register: number, bits: number): void {
    this.emit(0x48 | (register >> 3), 0xc1, 0xe0 | (register & 7), bits);
  }

  shiftRight(register: number, bits: number): void {
    this.emit(0x48 | (register >> 3), 0xc1, 0xe8 | (register & 7), bits);
  }

  or(to: number, from: number): void {
    this.registers(0x09, from, to);
  }

  pushAt(place: Place): void {
    this.plain(0xff, 6, place);
  }

  callAt(place: Place): void {
    this.plain(0xff, 2, place);
  }

  callRegister(register: number): void {
    this.emit(0x40 | (register >> 3), 0xff, 0xd0 | (register & 7));
  }

  /** A constant of 64 bits. */
  setLong(register: number, value: bigint): void {
    this.emit(0x48 | (register >> 3), 0xb8 | (register & 7));
    this.word(Number(BigInt.asIntN(32, value)));
    this.word(Number(BigInt.asIntN(32, value >> 32n)));
  }

  /** Brings the stack down to a multiple of sixteen. */
  alignStack(): void {
    this.emit(0x48, 0x83, 0xe4, 0xf0);
  }

  jumpAlways(to: Label): void {
    this.emit(0xe9);
    this.distance(to);
  }

  /** Tells the processor that this is a loop that waits. */
  pause(): void {
    this.emit(0xf3, 0x90);
  }

  /** Calls the system: rax says what is wanted, and is the answer; rcx and r11 are lost. */
  systemCall(): void {
    this.emit(0x0f, 0x05);
  }
}
