import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The workload registry, the version of the set of endpoints, and which revision each agent runs. */
export class Fleet1764000000002 implements MigrationInterface {
  name = 'Fleet1764000000002'

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "agent" (
        "namespace" text NOT NULL,
        "name" text NOT NULL,
        "labels" jsonb NOT NULL,
        "role" text NOT NULL,
        "address" text NOT NULL,
        "locality" text NOT NULL,
        "inbound" jsonb NOT NULL,
        "agent_version" text NOT NULL,
        "instance_epoch" bigint NOT NULL,
        "registered_at" timestamptz NOT NULL,
        "last_seen" timestamptz NOT NULL,
        "drain" text NOT NULL,
        "presence" text NOT NULL,
        CONSTRAINT "agent_pkey" PRIMARY KEY ("namespace", "name")
      )`)
    await queryRunner.query(`
      CREATE TABLE "endpoints_version" (
        "id" smallint NOT NULL,
        "version" bigint NOT NULL,
        CONSTRAINT "endpoints_version_pkey" PRIMARY KEY ("id")
      )`)
    await queryRunner.query(`
      CREATE TABLE "assignment" (
        "namespace" text NOT NULL,
        "name" text NOT NULL,
        "revision" integer,
        CONSTRAINT "assignment_pkey" PRIMARY KEY ("namespace", "name")
      )`)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "assignment"')
    await queryRunner.query('DROP TABLE "endpoints_version"')
    await queryRunner.query('DROP TABLE "agent"')
  }
}
