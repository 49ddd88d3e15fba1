/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Older prototypes, for callers that define LIBXL_API_VERSION. They are functions, not macros with arguments, so that
 * a caller who takes the address of one gets a function of the type that it expects.
 */
#ifndef XL_COMPAT_H_
#define XL_COMPAT_H_

#ifdef LIBXL_API_VERSION

#if LIBXL_API_VERSION < 0x040400
static inline int libxl_domain_create_restore_0x040200(libxl_ctx *ctx, libxl_domain_config *config,
	uint32_t *domid, int restore_fd, const libxl_asyncop_how *ao_how,
	const libxl_asyncprogress_how *console_how)
{
	libxl_domain_restore_params params;
	int rc;

	libxl_domain_restore_params_init(&params);
	rc = libxl_domain_create_restore(ctx, config, domid, restore_fd, -1, &params, ao_how, console_how);
	libxl_domain_restore_params_dispose(&params);
	return rc;
}
#define libxl_domain_create_restore libxl_domain_create_restore_0x040200
#elif LIBXL_API_VERSION < 0x040700
static inline int libxl_domain_create_restore_0x040400(libxl_ctx *ctx, libxl_domain_config *config,
	uint32_t *domid, int restore_fd, const libxl_domain_restore_params *params,
	const libxl_asyncop_how *ao_how, const libxl_asyncprogress_how *console_how)
{
	return libxl_domain_create_restore(ctx, config, domid, restore_fd, -1, params, ao_how, console_how);
}
#define libxl_domain_create_restore libxl_domain_create_restore_0x040400
#endif

#if LIBXL_API_VERSION < 0x040500
static inline void libxl_uuid_copy_0x040400(libxl_uuid *dst, const libxl_uuid *src)
{
	libxl_uuid_copy(NULL, dst, src);
}
#define libxl_uuid_copy libxl_uuid_copy_0x040400
#define libxl_set_vcpuaffinity(ctx, domid, vcpuid, map) \
	libxl_set_vcpuaffinity((ctx), (domid), (vcpuid), (map), NULL)
#define libxl_set_vcpuaffinity_all(ctx, domid, max_vcpus, map) \
	libxl_set_vcpuaffinity_all((ctx), (domid), (max_vcpus), (map), NULL)
#endif

#if LIBXL_API_VERSION >= 0x040500 && LIBXL_API_VERSION < 0x040700
#define ERROR_REMUS_DEVOPS_DOES_NOT_MATCH ERROR_CHECKPOINT_DEVOPS_DOES_NOT_MATCH
#define ERROR_REMUS_DEVICE_NOT_SUPPORTED ERROR_CHECKPOINT_DEVICE_NOT_SUPPORTED
#endif

#if LIBXL_API_VERSION < 0x040800
static inline int libxl_console_exec_0x040700(libxl_ctx *ctx, uint32_t domid, int num, libxl_console_type type)
{
	return libxl_console_exec(ctx, domid, num, type, -1);
}
static inline int libxl_primary_console_exec_0x040700(libxl_ctx *ctx, uint32_t domid)
{
	return libxl_primary_console_exec(ctx, domid, -1);
}
#define libxl_console_exec libxl_console_exec_0x040700
#define libxl_primary_console_exec libxl_primary_console_exec_0x040700
#define libxl_get_memory_target libxl_get_memory_target_0x040700
#define libxl_domain_need_memory libxl_domain_need_memory_0x040700
#define libxl_get_free_memory libxl_get_free_memory_0x040700
#elif LIBXL_API_VERSION < 0x041300
#define libxl_domain_need_memory libxl_domain_need_memory_0x041200
#endif

/* Calls that became operations, which may go on after they return. */
#if LIBXL_API_VERSION < 0x041300
static inline int libxl_retrieve_domain_configuration_0x041200(libxl_ctx *ctx, uint32_t domid,
	libxl_domain_config *config)
{
	return libxl_retrieve_domain_configuration(ctx, domid, config, NULL);
}
static inline int libxl_domain_shutdown_0x041200(libxl_ctx *ctx, uint32_t domid)
{
	return libxl_domain_shutdown(ctx, domid, NULL);
}
static inline int libxl_domain_reboot_0x041200(libxl_ctx *ctx, uint32_t domid)
{
	return libxl_domain_reboot(ctx, domid, NULL);
}
static inline int libxl_domain_pause_0x041200(libxl_ctx *ctx, uint32_t domid)
{
	return libxl_domain_pause(ctx, domid, NULL);
}
static inline int libxl_domain_unpause_0x041200(libxl_ctx *ctx, uint32_t domid)
{
	return libxl_domain_unpause(ctx, domid, NULL);
}
static inline int libxl_set_vcpuonline_0x041200(libxl_ctx *ctx, uint32_t domid, libxl_bitmap *map)
{
	return libxl_set_vcpuonline(ctx, domid, map, NULL);
}
static inline int libxl_send_trigger_0x041200(libxl_ctx *ctx, uint32_t domid, libxl_trigger trigger, uint32_t vcpuid)
{
	return libxl_send_trigger(ctx, domid, trigger, vcpuid, NULL);
}
static inline int libxl_qemu_monitor_command_0x041200(libxl_ctx *ctx, uint32_t domid, const char *line, char **output)
{
	return libxl_qemu_monitor_command(ctx, domid, line, output, NULL);
}
#define libxl_retrieve_domain_configuration libxl_retrieve_domain_configuration_0x041200
#define libxl_domain_shutdown libxl_domain_shutdown_0x041200
#define libxl_domain_reboot libxl_domain_reboot_0x041200
#define libxl_domain_pause libxl_domain_pause_0x041200
#define libxl_domain_unpause libxl_domain_unpause_0x041200
#define libxl_set_vcpuonline libxl_set_vcpuonline_0x041200
#define libxl_send_trigger libxl_send_trigger_0x041200
#define libxl_qemu_monitor_command libxl_qemu_monitor_command_0x041200
#endif

#endif /* LIBXL_API_VERSION */

/* Calls that did nothing useful even before they went away. */
#if !defined(LIBXL_API_VERSION) || LIBXL_API_VERSION < 0x041400
static inline void libxl_cpuid_apply_policy(libxl_ctx *ctx __attribute__((unused)),
	uint32_t domid __attribute__((unused)))
{
}
static inline void libxl_cpuid_set(libxl_ctx *ctx __attribute__((unused)),
	uint32_t domid __attribute__((unused)), libxl_cpuid_policy_list cpuid __attribute__((unused)))
{
}
#endif

#endif
